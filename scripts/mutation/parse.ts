/** Syntax trees of the project's files, from the same compiler that checks them. */
import { resolve } from 'node:path'
import type { SourceFile } from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/sync'

/** @param folder where the project's tsconfig.json is */
export function parse(files: readonly string[], folder = '.'): SourceFile[] {
  const compiler = new API({ cwd: resolve(folder) })
  try {
    const [project] = compiler.updateSnapshot({ openProjects: [resolve(folder, 'tsconfig.json')] }).getProjects()
    return files.map((file) => {
      const source = project?.program.getSourceFile(resolve(folder, file))
      if (source === undefined) throw new Error(`${file} is not part of the project`)
      return source
    })
  } finally {
    compiler.close()
  }
}
