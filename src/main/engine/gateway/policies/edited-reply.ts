import type { RawHeaders } from '../headers.js'
import type { Reply } from '../reply.js'
import { PassedReply } from './passed-reply.js'

export type FieldEdit = (headers: RawHeaders, status: number) => void

/** Changes the fields of an answer, and nothing else of it. */
export class EditedReply extends PassedReply {
  readonly #edits: FieldEdit[]

  /** @param edit changes the fields in place; called once, whoever answers */
  constructor(next: Reply, edit: FieldEdit) {
    super(next)
    this.#edits = [edit]
  }

  /** One more, made before those that are there: as if this reply were wrapped into another. */
  add(edit: FieldEdit): void {
    this.#edits.push(edit)
  }

  override head(
    status: number,
    reason: string,
    headers: RawHeaders,
    options: { bodiless: boolean; trailers: boolean },
  ): void {
    for (let at = this.#edits.length - 1; at >= 0; at--) this.#edits[at]?.(headers, status)
    this.next.head(status, reason, headers, options)
  }
}
