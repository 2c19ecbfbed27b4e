import type { Status } from '../shared/contract.js'
import { Mark } from './components/mark.js'
import { countTrust } from './features/certificates/trust-words.js'
import { FaultsSegment } from './features/faults/fault-marks.js'
import { ServicesSegment } from './features/share/services-marks.js'
import { SharesSegment } from './features/share/share-marks.js'
import { formatCount, formatDay, formatMs, formatRate } from './format.js'
import { listenText } from './listen-text.js'
import { PowerSwitch } from './power-switch.js'
import { useConnection } from './stores/connection.js'
import { doctorProblems, useDoctor } from './stores/doctor.js'
import { useAuthority, useBackends, useProcesses, useStats, useStatus, useTrust } from './stores/feeds.js'
import { failedProcesses } from './stores/processes.js'
import { type Screen, useUi } from './stores/ui.js'
import { strings } from './strings.js'

const text = strings.status

/** The whole at a glance; each segment leads to the screen that explains it. */
export function StatusBar() {
  const status = useStatus().data
  const stats = useStats().data
  const backends = useBackends().data ?? []
  const found = useDoctor(({ checks }) => doctorProblems(checks))
  const unhealthy = backends.filter(({ health }) => health === 'unhealthy').length
  const failed = failedProcesses(useProcesses().data ?? [])
  const elsewhere = problemCount(status) + unhealthy + found
  const problems = elsewhere + failed
  return (
    <footer className="statusbar">
      <Segment to="settings">
        <Gateway status={status} />
      </Segment>
      {status !== null && <PowerSwitch status={status} />}
      <SharesSegment />
      <ServicesSegment />
      <FaultsSegment />
      {status !== null && (
        <Segment to="apps">
          {text.apps(formatCount(status.apps.length), status.apps.length === 1)}
          {failed > 0 && (
            <Mark shape="square" tone="bad">
              {text.failed(failed)}
            </Mark>
          )}
        </Segment>
      )}
      {stats !== null && (
        <Segment to="requests" className="rates">
          {text.rate(formatRate(stats.total.rates.at(-1) ?? 0))}
          {stats.total.p95Ms !== null && ` · ${text.p95(formatMs(stats.total.p95Ms))}`}
        </Segment>
      )}
      <Segment to="certificates" className="yields">
        <Trust />
      </Segment>
      <Segment to={problems > 0 && elsewhere === 0 ? 'apps' : 'doctor'}>
        <Mark shape={problems === 0 ? 'disc' : 'triangle'} tone={problems === 0 ? 'good' : 'warn'}>
          {text.problems(problems)}
        </Mark>
      </Segment>
      {status !== null && (
        <span className="push">
          <Segment to="settings">{text.version(status.version)}</Segment>
        </span>
      )}
    </footer>
  )
}

/** Who trusts the CA; where no store can be looked at, how long it lasts. */
function Trust() {
  const authority = useAuthority().data
  const stores = useTrust().data?.stores ?? []
  const { trusted, all } = countTrust(stores)
  if (all > 0) return strings.certificates.trusted(trusted, all)
  return authority === null ? null : text.ca(formatDay(authority.notAfter))
}

function Gateway({ status }: { status: Status | null }) {
  const { state } = useConnection()
  const words = strings.connection
  if (state === 'disconnected') {
    return status?.state === 'paused' ? (
      <Mark shape="ring" tone="faint">
        {strings.power.offHere}
      </Mark>
    ) : (
      <Mark shape="square" tone="bad">
        {words.disconnected}
      </Mark>
    )
  }
  if (status === null || state === 'connecting') {
    return (
      <Mark shape="half" tone="warn">
        {words.connecting}
      </Mark>
    )
  }
  if (status.state === 'paused') {
    return (
      <Mark shape="ring" tone="faint">
        {words.paused}
      </Mark>
    )
  }
  if (status.state !== 'running') {
    return (
      <Mark shape="half" tone="warn">
        {words[status.state]}
      </Mark>
    )
  }
  return status.listeners.length === 0 ? (
    <Mark shape="triangle" tone="bad">
      {words.notServing}
    </Mark>
  ) : (
    <Mark shape="disc" tone="good">
      {words.serving(listenText(status.listeners))}
    </Mark>
  )
}

function Segment({ to, className, children }: SegmentProps) {
  const { go } = useUi()
  return (
    <button type="button" className={className} onClick={() => go(to)}>
      {children}
    </button>
  )
}

interface SegmentProps {
  to: Screen
  className?: string
  children: React.ReactNode
}

function problemCount(status: Status | null): number {
  return (status?.configError?.problems.length ?? 0) + (status?.warnings.length ?? 0)
}
