import type { Step, StepOutcome } from '../../../shared/plan.js'
import { shellQuote } from '../../../shared/shell-quote.js'
import type { Shape, Tone } from '../../components/mark.js'
import { strings } from '../../strings.js'

export const OUTCOME_LOOKS: Record<StepOutcome['state'] | 'cancelled', readonly [Shape, Tone]> = {
  done: ['disc', 'good'],
  failed: ['square', 'bad'],
  undone: ['triangle', 'warn'],
  skipped: ['ring', 'faint'],
  cancelled: ['ring', 'faint'],
}

/** What a step does, in words and as it is run: null for a note, which is words alone. */
export function stepWords(step: Step): { words: string; deed: string | null } {
  if (step.kind === 'note') return { words: step.text, deed: null }
  if (step.kind === 'command') {
    return { words: step.why, deed: [step.program, ...step.args].map(shellQuote).join(' ') }
  }
  return { words: `${strings.changes.deeds[step.kind]}. ${step.why}`, deed: step.path }
}
