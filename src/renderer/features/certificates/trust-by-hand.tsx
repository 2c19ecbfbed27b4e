import { useState } from 'react'
import type { CommandResult } from '../../../shared/contract.js'
import { CopyButton } from '../../components/copy-button.js'
import { strings } from '../../strings.js'
import { systemOf, trustSystems } from './trust-steps.js'

const text = strings.certificates

/** The CA as a file, and the commands with which a person makes another machine, or a program not known here, trust it. */
export function TrustByHand({ authority: { file, pem } }: { authority: CommandResult<'ca.info'> }) {
  const systems = trustSystems(file)
  const [chosen, setChosen] = useState(() => systemOf(navigator.userAgent))
  return (
    <details className="by-hand">
      <summary>{text.byHand}</summary>
      <dl className="facts">
        <dt>{text.file}</dt>
        <dd>
          <code>{file}</code>
          <CopyButton text={file} what={text.file} />
        </dd>
        <dt>{text.pem}</dt>
        <dd>
          <code className="faint">{pem.slice(0, 27)}…</code>
          <CopyButton text={pem} what={text.pem} />
        </dd>
      </dl>
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
    </details>
  )
}
