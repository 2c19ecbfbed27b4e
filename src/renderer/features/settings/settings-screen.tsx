import type { Status } from '../../../shared/contract.js'
import { call, inDesktopApp } from '../../bridge.js'
import { CopyButton } from '../../components/copy-button.js'
import { Mark } from '../../components/mark.js'
import { FaultNote, Skeleton } from '../../components/states.js'
import { formatAge } from '../../format.js'
import { useStatus } from '../../stores/feeds.js'
import { attempt } from '../../stores/toasts.js'
import { THEMES, useUi } from '../../stores/ui.js'
import { strings } from '../../strings.js'
import { DesktopSettings } from './desktop-settings.js'
import { PanelSessions } from './panel-sessions.js'
import { SystemSettings } from './system-settings.js'

const text = strings.settings

/** How the window looks, the config file with what is wrong in it, and what is running. */
export function SettingsScreen() {
  const { data: status, fault, refresh } = useStatus()
  return (
    <div className="screen">
      <header>
        <h1>{strings.screens.settings}</h1>
      </header>
      <div className="scroll">
        <div className="page">
          <Appearance />
          {inDesktopApp && <DesktopSettings />}
          {status === null && fault === null && <Skeleton />}
          {status === null && fault !== null && <FaultNote fault={fault} retry={() => void refresh()} />}
          {status !== null && <ConfigFile status={status} />}
          <SystemSettings />
          <PanelSessions />
          {status !== null && <About status={status} />}
        </div>
      </div>
    </div>
  )
}

function Appearance() {
  const { theme, setTheme } = useUi()
  return (
    <section>
      <h2>{text.appearance}</h2>
      <fieldset className="segments" aria-label={text.theme}>
        {THEMES.map((name) => (
          <button key={name} type="button" aria-pressed={theme === name} onClick={() => setTheme(name)}>
            {text.themes[name]}
          </button>
        ))}
      </fieldset>
    </section>
  )
}

function ConfigFile({ status: { configFile, configError, warnings } }: { status: Status }) {
  return (
    <section>
      <h2>{text.config}</h2>
      <p className="soft">{text.configText}</p>
      <div className="command">
        <code>{configFile}</code>
        <CopyButton text={configFile} what={text.file} />
      </div>
      {configError === null && (
        <Mark shape="disc" tone="good">
          {text.inOrder}
        </Mark>
      )}
      {configError !== null && (
        <div className="note bad" role="alert">
          <strong>{text.refused}</strong>
          <span>{configError.message}</span>
          <ProblemList problems={configError.problems} />
          <div className="actions">
            <button
              type="button"
              className="button small"
              onClick={() => void attempt(async () => void (await call('config.reload', {})))}
            >
              {strings.actions.reload}
            </button>
          </div>
        </div>
      )}
      {warnings.length > 0 && (
        <div className="note warn">
          <strong>{text.warnings}</strong>
          <ProblemList problems={warnings} />
        </div>
      )}
    </section>
  )
}

function ProblemList({ problems }: { problems: Status['warnings'] }) {
  return (
    <ul>
      {problems.map(({ path, message }) => (
        <li key={path + message}>
          {path !== '' && <code>{path}</code>} {message}
        </li>
      ))}
    </ul>
  )
}

function About({ status }: { status: Status }) {
  return (
    <section>
      <h2>{text.about}</h2>
      <dl className="facts">
        <dt>{text.version}</dt>
        <dd>{status.version}</dd>
        <dt>{text.process}</dt>
        <dd>{status.pid}</dd>
        <dt>{text.uptime}</dt>
        <dd>{formatAge(status.uptimeMs)}</dd>
        <dt>{text.data}</dt>
        <dd>
          <code>{status.dataDir}</code>
          <CopyButton text={status.dataDir} what={text.data} />
        </dd>
        <dt>{text.listeners}</dt>
        <dd>
          <ul>
            {status.listeners.map(({ address, port, protocol }) => (
              <li key={`${address} ${port}`}>
                <code>
                  {protocol} {address.includes(':') ? `[${address}]` : address}:{port}
                </code>
              </li>
            ))}
          </ul>
        </dd>
      </dl>
    </section>
  )
}
