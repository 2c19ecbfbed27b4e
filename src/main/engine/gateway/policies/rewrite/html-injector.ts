import { SAXParser } from 'parse5-sax-parser'

export interface Snippets {
  /** for the end of the head */
  head: string
  /** for the end of the body */
  body: string
}

/**
 * Puts HTML into a page as it streams by. Everything else passes byte for byte: the page is read as latin1, in which each
 * byte is a character, and tags are ASCII in every encoding that HTML may have but UTF-16.
 *
 * Tags that a page leaves out (they may be: HTML 13.1.2.4) are where they would be: the head ends before the body, and
 * the body with the page.
 */
export class HtmlInjector {
  readonly #parser = new SAXParser({ sourceCodeLocationInfo: true })
  #head: string
  #body: string
  /** what has come and not gone on yet, which begins `#gone` characters into the page */
  #held = ''
  #gone = 0
  #out = ''

  constructor({ head, body }: Snippets) {
    this.#head = toLatin1(head)
    this.#body = toLatin1(body)
    const parser = this.#parser
    parser.on('startTag', ({ tagName, sourceCodeLocation }) => {
      if (!BEFORE_BODY.has(tagName)) this.#endHead(offset(sourceCodeLocation))
      this.#pass(end(sourceCodeLocation))
    })
    parser.on('endTag', ({ tagName, sourceCodeLocation }) => {
      if (tagName === 'head') this.#endHead(offset(sourceCodeLocation))
      if (tagName === 'body' || tagName === 'html') this.#endBody(offset(sourceCodeLocation))
      this.#pass(end(sourceCodeLocation))
    })
    for (const name of ['text', 'comment', 'doctype'] as const) {
      parser.on(name, ({ sourceCodeLocation }: { sourceCodeLocation?: Place | null }) =>
        this.#pass(end(sourceCodeLocation)),
      )
    }
  }

  /** The next part of the page. @returns what can go on by now, which may be nothing */
  write(part: string): string {
    this.#held += part
    // Past the stream's own queue, so that what it finds is known when this returns.
    this.#parser._transform(part as never, 'latin1', ignore)
    return this.#take()
  }

  /** The page is over. @returns the rest of it */
  end(): string {
    this.#parser._final(ignore)
    this.#endBody(this.#gone + this.#held.length)
    return this.#take()
  }

  #endHead(at: number): void {
    if (this.#head === '') return
    this.#pass(at)
    this.#out += this.#head
    this.#head = ''
  }

  #endBody(at: number): void {
    this.#endHead(at)
    this.#pass(at)
    this.#out += this.#body
    this.#body = ''
  }

  /** Lets the page go on up to there. */
  #pass(to: number): void {
    const length = to - this.#gone
    if (length <= 0) return
    this.#out += this.#held.slice(0, length)
    this.#held = this.#held.slice(length)
    this.#gone = to
  }

  #take(): string {
    const out = this.#out
    this.#out = ''
    return out
  }
}

interface Place {
  startOffset: number
  endOffset: number
}

/** What may stand in a head, and the tags around it (HTML 4.2). */
const BEFORE_BODY = new Set(
  'html head title base link meta style script noscript template basefont bgsound noframes'.split(' '),
)

function offset(place: Place | null | undefined): number {
  return place?.startOffset ?? 0
}

function end(place: Place | null | undefined): number {
  return place?.endOffset ?? 0
}

function toLatin1(html: string): string {
  return Buffer.from(html).toString('latin1')
}

function ignore(): void {}
