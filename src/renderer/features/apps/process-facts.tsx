import type { ProcessStatus } from '../../../shared/window-schemas.js'
import { CopyButton } from '../../components/copy-button.js'
import { formatBytes, formatCount, formatExact, formatRelative } from '../../format.js'
import { strings } from '../../strings.js'

const text = strings.processes

/** What is known of a process: what runs, where, since when, and what it takes. */
export function ProcessFacts({ status }: { status: ProcessStatus }) {
  const { command, pid, port, restarts, cpu, memory, startedAt } = status
  return (
    <section>
      <h3>{text.process}</h3>
      <dl className="facts">
        <dt>{text.command}</dt>
        <dd>
          <code>{command}</code>
          <CopyButton text={command} what={text.command} />
        </dd>
        <dt>{text.port}</dt>
        <dd>{port ?? <span className="soft">{text.noPort}</span>}</dd>
        {pid !== null && (
          <>
            <dt>{text.pid}</dt>
            <dd>
              {pid}
              <CopyButton text={String(pid)} what={text.pid} />
            </dd>
          </>
        )}
        {startedAt !== null && (
          <>
            <dt>{text.started}</dt>
            <dd title={formatExact(startedAt)}>{formatRelative(startedAt, Date.now())}</dd>
          </>
        )}
        <dt>{text.restarts}</dt>
        <dd>{formatCount(restarts)}</dd>
        {cpu !== null && (
          <>
            <dt>{text.cpu}</dt>
            <dd>{text.cpuShare(cpu.toFixed(cpu < 10 ? 1 : 0))}</dd>
          </>
        )}
        {memory !== null && (
          <>
            <dt>{text.memory}</dt>
            <dd>{formatBytes(memory)}</dd>
          </>
        )}
      </dl>
    </section>
  )
}
