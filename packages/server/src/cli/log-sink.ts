import { fstatSync, writeSync } from 'node:fs'
import type { Writable } from 'node:stream'
import { isatty } from 'node:tty'

/** Bytes that may wait in memory for a stalled reader. */
const waitingBytesMax = 1_048_576

/**
 * Writes log lines. The log is never a dependency (check 89): a line that cannot be written now is dropped and counted, and writing never
 * waits or fails. The next line that gets through is preceded by one with the number of dropped lines.
 */
export class LogSink {
  readonly #write: (line: string) => boolean
  readonly #describe: (count: number) => string
  #dropped = 0
  #droppedInAll = 0

  /**
   * @param stream standard output or error, or any other stream
   * @param describe the line, with its line break, that reports dropped lines
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

/** Whether Node writes to it synchronously: a file, or a device other than a terminal. */
function isFile(fd: number): boolean {
  try {
    const status = fstatSync(fd)
    return status.isFile() || (status.isCharacterDevice() && !isatty(fd))
  } catch {
    return false
  }
}

/** Bypasses the stream, which Node ends at the first error: a full disk may get room again. */
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

/** A pipe, a socket or a terminal. Drops lines once the reader is gone or `waitingBytesMax` is reached. */
function streamWriter(stream: Writable): (line: string) => boolean {
  stream.on('error', () => {})
  return (line) => {
    if (stream.destroyed || !stream.writable || stream.writableLength > waitingBytesMax) return false
    stream.write(line)
    return true
  }
}
