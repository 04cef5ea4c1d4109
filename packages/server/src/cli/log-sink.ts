import { fstatSync, writeSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { isatty } from 'node:tty'

/** What a stalled reader may leave waiting in memory, in bytes. */
const waitingBytesMax = 1_048_576

/**
 * Where log lines go. The log is never a dependency (check 89): what cannot be written now is dropped and counted, whoever writes a line
 * neither waits nor fails, and the first line that gets through again is preceded by one that tells how many are missing.
 */
export class LogSink {
  readonly #write: (line: string) => boolean
  readonly #describe: (count: number) => string
  #dropped = 0
  #droppedInAll = 0

  /**
   * @param stream standard output or error, or any other stream
   * @param describe the line, with its line end, that tells of lines that are missing
   */
  constructor(stream: Writable & { readonly fd?: number }, describe: (count: number) => string) {
    this.#describe = describe
    const { fd } = stream
    this.#write = fd !== undefined && isFile(fd) ? fileWriter(fd) : streamWriter(stream)
  }

  /** Lines dropped since the start. */
  get dropped(): number {
    return this.#droppedInAll
  }

  write(line: string): void {
    if (this.#dropped > 0 && this.#write(this.#describe(this.#dropped))) this.#dropped = 0
    if (this.#dropped === 0 && this.#write(line)) return
    this.#dropped++
    this.#droppedInAll++
  }
}

/** Whether Node writes there synchronously: a file, or a device that is no terminal. */
function isFile(fd: number): boolean {
  try {
    const status = fstatSync(fd)
    return status.isFile() || (status.isCharacterDevice() && !isatty(fd))
  } catch {
    return false
  }
}

/** Not through the stream: Node ends it at the first error, and a disk that was full gets room again. */
function fileWriter(fd: number): (line: string) => boolean {
  let isCut = false
  return (line) => {
    const bytes = Buffer.from(isCut ? `\n${line}` : line)
    let written = 0
    try {
      while (written < bytes.length) written += writeSync(fd, bytes, written)
      isCut = false
      return true
    } catch {
      isCut ||= written > 0
      return false
    }
  }
}

/** A pipe, a socket or a terminal. One whose reader is gone takes no more; one that is not read takes no more than memory is given. */
function streamWriter(stream: Writable): (line: string) => boolean {
  stream.on('error', () => {})
  return (line) => {
    if (stream.destroyed || !stream.writable || stream.writableLength > waitingBytesMax) return false
    stream.write(line)
    return true
  }
}
