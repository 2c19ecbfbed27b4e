import { Fragment } from 'react'
import { numbered } from '../../numbered.js'
import { strings } from '../../strings.js'

/** Header fields as they went over the wire, in order. @param headers null when no answer was begun */
export function HeaderList({ headers }: { headers: readonly (readonly [string, string])[] | null }) {
  if (headers === null) return <p className="soft">{strings.exchange.noAnswer}</p>
  if (headers.length === 0) return <p className="soft">{strings.exchange.noHeaders}</p>
  return (
    <dl className="headers">
      {numbered(headers).map(({ item: [name, value], number }) => (
        <Fragment key={number}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  )
}
