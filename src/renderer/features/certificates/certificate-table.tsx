import { formatDay, formatExact, formatRelative } from '../../format.js'
import { useCertificates } from '../../stores/feeds.js'
import { strings } from '../../strings.js'

const text = strings.certificates
const DEFAULT = '+default'

/** The certificates in use. */
export function CertificateTable() {
  const { data } = useCertificates()
  if (data === null) return null
  return (
    <section>
      <h2>{text.issued}</h2>
      {data.length === 0 ? (
        <p className="soft">{text.none}</p>
      ) : (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{text.columns.name}</th>
              <th scope="col">{text.columns.source}</th>
              <th scope="col">{text.columns.issuer}</th>
              <th scope="col">{text.columns.expires}</th>
            </tr>
          </thead>
          <tbody>
            {data.map(({ name, source, issuer, notAfter, fingerprint }) => (
              <tr key={fingerprint}>
                <td title={fingerprint}>{name === DEFAULT ? text.defaultName : name}</td>
                <td>{text.sources[source]}</td>
                <td className="soft" title={issuer}>
                  {issuer}
                </td>
                <td title={formatExact(notAfter)}>
                  {formatDay(notAfter)} <span className="faint">{formatRelative(notAfter, Date.now())}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
