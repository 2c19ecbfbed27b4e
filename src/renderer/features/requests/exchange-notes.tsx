import { Fragment } from 'react'
import type { ExchangeDetail, PolicyNote } from '../../../shared/window-schemas.js'
import { numbered } from '../../numbered.js'
import { strings } from '../../strings.js'
import { noteWords, policyName } from './note-words.js'

const text = strings.exchange

/** What policies did with an exchange, in order. @param headers of the answer; null when it is not known */
export function ExchangeNotes({ notes, headers }: ExchangeNotesProps) {
  if (notes.length === 0) return null
  const cacheStatus = cacheStatusOf(headers ?? [])
  return (
    <section aria-label={text.policies}>
      <h3>{text.policies}</h3>
      <dl className="facts">
        {numbered(notes).map(({ item: note, number }) => (
          <Fragment key={number}>
            <dt>{policyName(note.policy)}</dt>
            <dd>{noteWords(note)}</dd>
          </Fragment>
        ))}
        {cacheStatus !== null && (
          <>
            <dt>{text.cacheStatus}</dt>
            <dd className="mono">{cacheStatus}</dd>
          </>
        )}
      </dl>
    </section>
  )
}

/** What the gateway's own cache says of the answer (RFC 9211): the last one of them, for it is nearest to the client. */
export function cacheStatusOf(headers: readonly (readonly [string, string])[]): string | null {
  const values = headers.filter(([name]) => name.toLowerCase() === 'cache-status').map(([, value]) => value)
  const own = values.join(', ').split(', ').at(-1) ?? ''
  return own.startsWith('Portico') ? own : null
}

interface ExchangeNotesProps {
  notes: readonly PolicyNote[]
  headers: ExchangeDetail['responseHeaders']
}
