import type { CommandResult } from '../../../shared/contract.js'
import { CopyButton } from '../../components/copy-button.js'
import { CutMiddle } from '../../components/cut-middle.js'
import { FaultNote, Skeleton } from '../../components/states.js'
import { formatDay, formatExact, formatRelative } from '../../format.js'
import { useChangeDialog } from '../../stores/change-dialog.js'
import { useAuthority } from '../../stores/feeds.js'
import { strings } from '../../strings.js'
import { CaKey } from './ca-key.js'
import { CertificateTable } from './certificate-table.js'
import { PhonesButton } from './phones-button.js'
import { TrustByHand } from './trust-by-hand.js'
import { TrustStores } from './trust-stores.js'
import { constraintWords } from './trust-words.js'

const text = strings.certificates

/** The local CA, who trusts it, and the certificates it has signed. */
export function CertificatesScreen() {
  const { data: authority, fault, refresh } = useAuthority()
  return (
    <div className="screen">
      <header>
        <h1>{strings.screens.certificates}</h1>
      </header>
      <div className="scroll">
        {authority === null && fault === null && <Skeleton />}
        {authority === null && fault !== null && <FaultNote fault={fault} retry={() => void refresh()} />}
        {authority !== null && (
          <div className="page">
            <Authority authority={authority} />
            <TrustStores />
            <CertificateTable />
            <TrustByHand authority={authority} />
          </div>
        )}
      </div>
    </div>
  )
}

function Authority({ authority }: { authority: CommandResult<'ca.info'> }) {
  const { fingerprint, notAfter, constraints, expiring } = authority
  const ask = useChangeDialog((state) => state.ask)
  return (
    <section>
      <div className="section-tools">
        <h2>{text.ca}</h2>
        <span className="push tools">
          <PhonesButton />
          <button type="button" className="button small" onClick={() => ask({ kind: 'rotate' })}>
            {text.rotate}
          </button>
        </span>
      </div>
      {expiring && (
        <p className="note warn" role="alert">
          <strong>{text.expiring}</strong> {text.expiringText}
        </p>
      )}
      <dl className="facts">
        <dt>{text.vouches}</dt>
        <dd title={constraints?.ip.join(', ')}>{constraintWords(constraints)}</dd>
        <dt>{text.expires}</dt>
        <dd title={formatExact(notAfter)}>
          {formatDay(notAfter)} ({formatRelative(notAfter, Date.now())})
        </dd>
        <dt>{text.fingerprint}</dt>
        <dd>
          <code className="fingerprint">
            <CutMiddle text={fingerprint} tail={23} />
          </code>
          <CopyButton text={fingerprint} what={text.fingerprint} />
        </dd>
        <dt>{text.key.title}</dt>
        <dd>
          <CaKey authority={authority} />
        </dd>
      </dl>
    </section>
  )
}
