import { Plus } from 'lucide-react'
import { CutMiddle } from '../../components/cut-middle.js'
import { addPort } from '../../stores/app-actions.js'
import { usePorts } from '../../stores/feeds.js'
import { strings } from '../../strings.js'

/** What listens on this machine and is no app yet; one click makes it one. @param primary where that is what to do next */
export function DiscoveredPorts({ primary = false }: { primary?: boolean }) {
  const { data } = usePorts()
  if (data === null) return null
  const free = data.filter(({ app }) => app === null)
  if (free.length === 0) return <p className="soft discovered-none">{strings.apps.noPorts}</p>
  return (
    <ul className="ports">
      {free.map((found) => (
        <li key={found.port}>
          <span className="number">{found.port}</span>
          <span className="what">
            <span>
              {found.framework ??
                (found.command === null ? strings.apps.unknownProcess : strings.apps.process(found.command, found.pid))}
            </span>
            {found.folder !== null && (
              <span className="faint">
                <CutMiddle text={found.folder} tail={16} />
              </span>
            )}
          </span>
          <code className="soft">{strings.apps.becomes(`${found.proposedName}.localhost`)}</code>
          <button
            type="button"
            className={primary ? 'button small primary' : 'button small'}
            aria-label={strings.apps.addPort(found.port, found.proposedName)}
            onClick={() => void addPort(found)}
          >
            <Plus className="icon" />
            {strings.actions.add}
          </button>
        </li>
      ))}
    </ul>
  )
}
