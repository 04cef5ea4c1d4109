/** A file system for one test to fill or break. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missingProgram, withSbin } from './missing-program.ts'

const mebibyte = 1_048_576

export class SmallDisk {
  /** Where it is mounted. */
  readonly folder: string
  /** Its image file; null for one in memory. */
  readonly #image: string | null

  private constructor(folder: string, image: string | null) {
    this.folder = folder
    this.#image = image
  }

  /** Why there cannot be one here, or false. */
  static missing(): string | false {
    return process.getuid?.() === 0 ? missingProgram('mkfs.ext4') : 'only root mounts file systems'
  }

  /** @param kind `tmpfs` is in memory; `ext4` can also break */
  static mount(kind: 'tmpfs' | 'ext4', mebibytes: number): SmallDisk {
    const folder = mkdtempSync(join(tmpdir(), 'lobbykey-disk-'))
    const image = kind === 'tmpfs' ? null : `${folder}.img`
    if (image === null) run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0755`, 'tmpfs', folder)
    else {
      run('truncate', '-s', `${mebibytes}M`, image)
      run('mkfs.ext4', '-q', '-m', '0', image)
      run('mount', '-o', 'loop', image, folder)
    }
    return new SmallDisk(folder, image)
  }

  /** Leaves no free block. */
  fill(): void {
    const size = mebibyte / 16
    for (let n = 0; this.#free() > 0; n++) {
      try {
        writeFileSync(join(this.folder, `filler${n}`), Buffer.alloc(Math.min(size, this.#free())))
      } catch {
        return
      }
    }
  }

  free(): void {
    run('sh', '-c', `rm -f ${this.folder}/filler*`)
  }

  /** Like the kernel after a disk error: from now on nothing can be written, not even through open files. */
  abort(): void {
    run('mount', '-o', 'remount,abort', this.folder)
  }

  /** Like after a reboot. No process may have files open on it. */
  remount(): void {
    run('umount', this.folder)
    run('mount', '-o', 'loop', this.#image ?? '', this.folder)
  }

  drop(): void {
    run('umount', '-l', this.folder)
    rmSync(this.folder, { recursive: true, force: true })
    if (this.#image !== null) rmSync(this.#image)
  }

  #free(): number {
    const { bfree, bsize } = statfsSync(this.folder)
    return bfree * bsize
  }
}

function run(program: string, ...words: string[]): void {
  execFileSync(program, words, { env: withSbin, stdio: ['ignore', 'ignore', 'pipe'] })
}
