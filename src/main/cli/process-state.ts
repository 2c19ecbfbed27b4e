import type { ProcessState, ProcessStatus } from '../../shared/window-schemas.js'
import { styled } from './output.js'

/** A shape and a word, so that it is told without colour too: `● running`. */
export function formatState({ state, detached }: Pick<ProcessStatus, 'state' | 'detached'>): string {
  const { shape, style } = STATES[state]
  return styled(style, `${shape} ${state}${detached ? ' (detached)' : ''}`)
}

const STATES: Record<ProcessState, { shape: string; style: 'dim' | 'green' | 'yellow' | 'red' }> = {
  stopped: { shape: '○', style: 'dim' },
  waiting: { shape: '◌', style: 'yellow' },
  starting: { shape: '◐', style: 'yellow' },
  running: { shape: '●', style: 'green' },
  stopping: { shape: '◑', style: 'yellow' },
  'backing-off': { shape: '↻', style: 'red' },
  failed: { shape: '✖', style: 'red' },
}
