import type { CertificateStatus } from '../../../shared/window-schemas.js'
import { call } from '../../bridge.js'
import { Mark } from '../../components/mark.js'
import type { Column } from '../../components/table/arrange-rows.js'
import { ColumnMenu } from '../../components/table/column-menu.js'
import { DataTable } from '../../components/table/data-table.js'
import { TableFilter } from '../../components/table/table-filter.js'
import { formatDay, formatExact, formatRelative } from '../../format.js'
import { useCertificates } from '../../stores/feeds.js'
import { attempt, useToasts } from '../../stores/toasts.js'
import { strings } from '../../strings.js'

const text = strings.certificates
const DEFAULT = '+default'

/** The certificates in use, and the hosts that have none yet. */
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
          keyOf={({ source, name }) => `${source} ${name}`}
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
    width: '28%',
    fixed: true,
    value: nameOf,
    cell: (certificate) => <span title={certificate.fingerprint ?? undefined}>{nameOf(certificate)}</span>,
  },
  {
    key: 'state',
    title: text.columns.state,
    width: '104px',
    value: ({ state }) => STATES.indexOf(state),
    cell: ({ state, lastError }) => <StateMark state={state} lastError={lastError} />,
  },
  {
    key: 'source',
    title: text.columns.source,
    width: '96px',
    value: ({ source }) => text.sources[source],
    cell: ({ source }) => text.sources[source],
  },
  {
    key: 'issuer',
    title: text.columns.issuer,
    value: ({ issuer }) => issuer,
    cell: ({ issuer }) => (
      <span className="soft" title={issuer ?? undefined}>
        {issuer}
      </span>
    ),
  },
  {
    key: 'expires',
    title: text.columns.expires,
    width: '90px',
    value: ({ notAfter }) => (notAfter === null ? null : Date.parse(notAfter)),
    cell: ({ notAfter }) =>
      notAfter !== null && <span title={formatExact(notAfter)}>{formatRelative(notAfter, Date.now())}</span>,
  },
  {
    key: 'renewal',
    title: text.columns.renewal,
    width: '128px',
    value: ({ source, notAfter }) => renewalOf(source, notAfter),
    cell: ({ name, source, notAfter }) =>
      renewalOf(source, notAfter) === 'possible' ? (
        <RenewButton name={name} />
      ) : (
        <span className="faint">{text.renewal[source === 'file' ? 'file' : 'missing']}</span>
      ),
  },
]

function renewalOf(source: CertificateStatus['source'], notAfter: string | null): 'file' | 'missing' | 'possible' {
  if (source === 'file') return 'file'
  return notAfter === null ? 'missing' : 'possible'
}

/** Ordered from what needs somebody to what does not. */
const STATES = ['expired', 'outside-constraints', 'expiring', 'missing', 'valid'] as const

const LOOKS = {
  valid: ['disc', 'good'],
  expiring: ['triangle', 'warn'],
  expired: ['square', 'bad'],
  missing: ['ring', 'faint'],
  'outside-constraints': ['square', 'bad'],
} as const

function StateMark({ state, lastError }: Pick<CertificateStatus, 'state' | 'lastError'>) {
  const [shape, tone] = lastError === null ? LOOKS[state] : (['triangle', 'warn'] as const)
  return (
    <Mark shape={shape} tone={tone} title={lastError ?? text.stateHints[state]}>
      {text.states[state]}
    </Mark>
  )
}

function RenewButton({ name }: { name: string }) {
  const { refresh } = useCertificates()
  const renew = () =>
    attempt(async () => {
      const { notAfter } = await call('certificates.renew', { name })
      await refresh()
      const until = notAfter === null ? '' : formatDay(notAfter)
      useToasts
        .getState()
        .show({ message: text.renewed(name === DEFAULT ? text.defaultName : name, until), tone: 'plain' })
    })
  return (
    <button type="button" className="button small" onClick={() => void renew()}>
      {text.renew}
    </button>
  )
}

function nameOf({ name }: CertificateStatus): string {
  return name === DEFAULT ? text.defaultName : name
}

function certificateText(certificate: CertificateStatus): string {
  const { source, issuer, state } = certificate
  return `${nameOf(certificate)} ${text.sources[source]} ${issuer ?? ''} ${text.states[state]}`
}
