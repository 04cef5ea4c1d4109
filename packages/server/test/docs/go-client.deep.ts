/** A compiler takes its seconds. */
import { testPrograms } from './page-programs.ts'

testPrograms(['clients/go/README.md'])
