/** Compilers take their seconds. */
import { testPrograms } from './page-programs.ts'

testPrograms(['clients/go/README.md', 'clients/java/README.md'])
