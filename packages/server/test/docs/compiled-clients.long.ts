/** Separate, because compilers take seconds. */
import { testPrograms } from './page-programs.ts'

testPrograms(['clients/go/README.md', 'clients/java/README.md'])
