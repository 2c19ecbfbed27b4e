import type { CertificateStatus } from '../../../shared/window-schemas.js'
import type { Column } from '../../components/table/arrange-rows.js'
import { ColumnMenu } from '../../components/table/column-menu.js'
import { DataTable } from '../../components/table/data-table.js'
import { TableFilter } from '../../components/table/table-filter.js'
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
      <div className="section-tools">
        <h2>{text.issued}</h2>
        {data.length > 0 && (
          <>
            <TableFilter table="certificates" label={text.filter} />
            <ColumnMenu table="certificates" columns={COLUMNS} />
          </>
        )}
      </div>
      {data.length === 0 ? (
        <p className="soft">{text.none}</p>
      ) : (
        <DataTable
          table="certificates"
          label={text.issued}
          columns={COLUMNS}
          rows={data}
          keyOf={({ fingerprint }) => fingerprint}
          textOf={certificateText}
          noMatch={text.noMatch}
        />
      )}
    </section>
  )
}

const COLUMNS: readonly Column<CertificateStatus>[] = [
  {
    key: 'name',
    title: text.columns.name,
    width: '32%',
    fixed: true,
    value: nameOf,
    cell: (certificate) => <span title={certificate.fingerprint}>{nameOf(certificate)}</span>,
  },
  {
    key: 'source',
    title: text.columns.source,
    value: ({ source }) => text.sources[source],
    cell: ({ source }) => text.sources[source],
  },
  {
    key: 'issuer',
    title: text.columns.issuer,
    value: ({ issuer }) => issuer,
    cell: ({ issuer }) => (
      <span className="soft" title={issuer}>
        {issuer}
      </span>
    ),
  },
  {
    key: 'expires',
    title: text.columns.expires,
    width: '180px',
    value: ({ notAfter }) => Date.parse(notAfter),
    cell: ({ notAfter }) => (
      <span title={formatExact(notAfter)}>
        {formatDay(notAfter)} <span className="faint">{formatRelative(notAfter, Date.now())}</span>
      </span>
    ),
  },
]

function nameOf({ name }: CertificateStatus): string {
  return name === DEFAULT ? text.defaultName : name
}

function certificateText(certificate: CertificateStatus): string {
  return `${nameOf(certificate)} ${text.sources[certificate.source]} ${certificate.issuer}`
}
