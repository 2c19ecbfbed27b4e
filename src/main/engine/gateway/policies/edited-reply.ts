import type { RawHeaders } from '../headers.js'
import type { Reply } from '../reply.js'
import { PassedReply } from './passed-reply.js'

/** Changes the fields of an answer, and nothing else of it. */
export class EditedReply extends PassedReply {
  readonly #edit: (headers: RawHeaders, status: number) => void

  /** @param edit changes the fields in place; called once, whoever answers */
  constructor(next: Reply, edit: (headers: RawHeaders, status: number) => void) {
    super(next)
    this.#edit = edit
  }

  override head(
    status: number,
    reason: string,
    headers: RawHeaders,
    options: { bodiless: boolean; trailers: boolean },
  ): void {
    this.#edit(headers, status)
    this.next.head(status, reason, headers, options)
  }
}
