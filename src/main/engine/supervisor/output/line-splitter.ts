/** Longer lines are cut: a process that prints a megabyte without a line end is no use to a reader. */
export const MAX_LINE_BYTES = 16 * 1024

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const NOTHING = Buffer.alloc(0)

/**
 * Bytes of one stream as they come, to lines. A line feed ends a line; what a carriage return overwrites is left out, so
 * that a progress bar is its last state. Characters are never torn where chunks meet.
 */
export class LineSplitter {
  #carry: Buffer = NOTHING
  /** the line is longer than may be: what is left of it is passed over */
  #cut = false
  #progress = false
  /** the beginning of the line was given away by `flush` */
  #flushed = false

  /** What waits for its line end: nothing, text, or a line that is overwritten again and again. */
  get pending(): 'nothing' | 'text' | 'progress' {
    if (this.#carry.length === 0) return 'nothing'
    return this.#progress ? 'progress' : 'text'
  }

  /**
   * @param start where in the chunk to go on
   * @param maxLines stop after so many
   * @param onLine is given each line without its end
   * @returns where it stopped: the chunk's length when all was read
   */
  push(chunk: Buffer, start: number, maxLines: number, onLine: (text: string) => void): number {
    let from = start
    for (let lines = 0; lines < maxLines; lines++) {
      const end = chunk.indexOf(LINE_FEED, from)
      if (end === -1) {
        this.#keep(chunk.subarray(from))
        return chunk.length
      }
      this.#finish(chunk.subarray(from, end), onLine)
      from = end + 1
    }
    return from
  }

  /** The line so far, for when its end does not come. @returns null when there is none */
  flush(): string | null {
    const whole = this.#cut ? this.#carry.length : completeCharacters(this.#carry)
    if (whole === 0) return null
    const text = decode(lastState(this.#carry.subarray(0, whole)), this.#cut)
    this.#carry = Buffer.from(this.#carry.subarray(whole))
    this.#progress = false
    this.#flushed = true
    return text === '' ? null : text
  }

  /** Bytes are missing: what comes up to the next line end is the rest of a line that nobody saw begin. */
  skipRest(): void {
    this.#reset()
    this.#cut = true
    this.#flushed = true
  }

  #finish(piece: Buffer, onLine: (text: string) => void): void {
    const known = this.#flushed
    if (this.#carry.length > 0 || this.#cut) this.#keep(piece)
    const line = lastState(this.#carry.length > 0 || this.#cut ? this.#carry : piece)
    const cut = this.#cut || line.length > MAX_LINE_BYTES
    this.#reset()
    if (line.length > 0 || !known) onLine(decode(line, cut))
  }

  #keep(piece: Buffer): void {
    const overwritten = piece.lastIndexOf(CARRIAGE_RETURN, -2) !== -1 || this.#carry.at(-1) === CARRIAGE_RETURN
    if (this.#cut && !overwritten) return
    this.#progress ||= overwritten || piece.at(-1) === CARRIAGE_RETURN
    const line = fromLastState(this.#carry.length === 0 ? piece : Buffer.concat([this.#carry, piece]))
    this.#cut = line.length > MAX_LINE_BYTES
    this.#carry = Buffer.from(this.#cut ? line.subarray(0, MAX_LINE_BYTES) : line)
  }

  #reset(): void {
    this.#carry = NOTHING
    this.#cut = false
    this.#progress = false
    this.#flushed = false
  }
}

/** The bytes that a terminal would still show, without the carriage returns at the end. */
function lastState(line: Buffer): Buffer {
  let end = line.length
  while (end > 0 && line[end - 1] === CARRIAGE_RETURN) end--
  if (end === 0) return NOTHING
  return line.subarray(line.lastIndexOf(CARRIAGE_RETURN, end - 1) + 1, end)
}

/** As `lastState`, but with a carriage return at the end: what follows overwrites the line. */
function fromLastState(line: Buffer): Buffer {
  let end = line.length
  while (end > 0 && line[end - 1] === CARRIAGE_RETURN) end--
  if (end === 0) return line.subarray(0, Math.min(1, line.length))
  return line.subarray(line.lastIndexOf(CARRIAGE_RETURN, end - 1) + 1, Math.min(end + 1, line.length))
}

/** Decoded for itself, so that the text of one line does not keep a whole chunk alive. */
function decode(line: Buffer, cut: boolean): string {
  if (!cut) return line.toString('utf8')
  const short = line.subarray(0, MAX_LINE_BYTES)
  return `${short.toString('utf8', 0, completeCharacters(short))}…`
}

/** How many of the bytes are whole characters: a UTF-8 sequence that has only begun at the end is left out. */
function completeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) break
    if (byte >= 0xc0) return sequenceLength(byte) > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4
  return lead >= 0xe0 ? 3 : 2
}
