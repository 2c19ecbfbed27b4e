import { Play, RotateCw, Square } from 'lucide-react'
import type { ProcessStatus } from '../../../shared/window-schemas.js'
import { actOnProcess, type ProcessAction, useProcessActions } from '../../stores/processes.js'
import { strings } from '../../strings.js'
import { waysOf } from './process-look.js'

const text = strings.processes
const ICONS = { start: Play, stop: Square, restart: RotateCw }
const WORDS = { start: text.start, stop: text.stop, restart: text.restart }
const BUSY = { start: text.starting, stop: text.stopping, restart: text.restarting }

/**
 * The buttons that start, stop and restart a process; each says when it is at it.
 *
 * @param startsElsewhere the button that starts it stands beside what is wrong with it
 */
export function ProcessTools({ status, startsElsewhere = false }: ProcessToolsProps) {
  const ways = waysOf(status)
  return (
    <>
      {ways.start && !startsElsewhere && (
        <ProcessButton app={status.app} action="start" primary={status.state !== 'backing-off'} />
      )}
      {ways.restart && <ProcessButton app={status.app} action="restart" />}
      {(ways.stop || status.state === 'stopping') && (
        <ProcessButton app={status.app} action="stop" busy={status.state === 'stopping'} />
      )}
    </>
  )
}

/**
 * One thing to do with a process.
 *
 * @param busy it is being done already
 * @param word in place of the action's own
 */
export function ProcessButton({ app, action, busy = false, primary = false, word }: ProcessButtonProps) {
  const pending = useProcessActions((state) => state.pending.get(app))
  const isBusy = busy || pending === action
  const Icon = ICONS[action]
  return (
    <button
      type="button"
      className={primary ? 'button small primary' : 'button small'}
      aria-disabled={isBusy}
      onClick={() => !isBusy && void actOnProcess(app, action)}
    >
      <Icon className="icon" />
      {isBusy ? BUSY[action] : (word ?? WORDS[action])}
    </button>
  )
}

interface ProcessToolsProps {
  status: ProcessStatus
  startsElsewhere?: boolean
}

interface ProcessButtonProps {
  app: string
  action: ProcessAction
  busy?: boolean
  primary?: boolean
  word?: string
}
