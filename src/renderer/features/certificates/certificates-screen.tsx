import { useState } from 'react'
import type { CommandResult } from '../../../shared/contract.js'
import { CopyButton } from '../../components/copy-button.js'
import { FaultNote, Skeleton } from '../../components/states.js'
import { formatDay, formatExact, formatRelative } from '../../format.js'
import { useAuthority } from '../../stores/feeds.js'
import { strings } from '../../strings.js'
import { CertificateTable } from './certificate-table.js'
import { systemOf, trustSystems } from './trust-steps.js'

const text = strings.certificates

/** The local CA, how to trust it, and the certificates it has signed. */
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
            <TrustSteps caFile={authority.file} />
            <CertificateTable />
          </div>
        )}
      </div>
    </div>
  )
}

function Authority({ authority: { file, pem, fingerprint, notAfter } }: { authority: CommandResult<'ca.info'> }) {
  return (
    <section>
      <h2>{text.ca}</h2>
      <p className="soft">{text.caText}</p>
      <dl className="facts">
        <dt>{text.file}</dt>
        <dd>
          <code>{file}</code>
          <CopyButton text={file} what={text.file} />
        </dd>
        <dt>{text.fingerprint}</dt>
        <dd>
          <code>{fingerprint}</code>
          <CopyButton text={fingerprint} what={text.fingerprint} />
        </dd>
        <dt>{text.expires}</dt>
        <dd title={formatExact(notAfter)}>
          {formatDay(notAfter)} ({formatRelative(notAfter, Date.now())})
        </dd>
        <dt>{text.pem}</dt>
        <dd>
          <code className="faint">{pem.slice(0, 27)}…</code>
          <CopyButton text={pem} what={text.pem} />
        </dd>
      </dl>
    </section>
  )
}

function TrustSteps({ caFile }: { caFile: string }) {
  const systems = trustSystems(caFile)
  const [chosen, setChosen] = useState(() => systemOf(navigator.userAgent))
  return (
    <section>
      <h2>{text.trust}</h2>
      <p className="soft">{text.trustText}</p>
      <fieldset className="segments" aria-label={text.system}>
        {systems.map(({ name }, index) => (
          <button key={name} type="button" aria-pressed={index === chosen} onClick={() => setChosen(index)}>
            {name}
          </button>
        ))}
      </fieldset>
      {systems[chosen]?.steps.map(({ label, command }) => (
        <div key={label} className="field">
          <span>{label}</span>
          <div className="command">
            <code>{command}</code>
            <CopyButton text={command} what={label} />
          </div>
        </div>
      ))}
    </section>
  )
}
