/** How a line is drawn: never by its colour alone. */
export interface ChartLook {
  /** a token */
  colour: string
  /** a token; null where only the line is drawn */
  fill: string | null
  /** pixels drawn and left out in turn; empty for a whole line */
  dash: readonly number[]
}

const WHOLE: readonly number[] = []
const DASHED: readonly number[] = [6, 3]
const DOTTED: readonly number[] = [1.5, 2.5]

export const CHART_LOOKS = {
  rate: { colour: '--chart-rate', fill: '--chart-rate-fill', dash: WHOLE },
  refused: { colour: '--chart-refused', fill: null, dash: DASHED },
  failed: { colour: '--chart-failed', fill: '--chart-failed-fill', dash: WHOLE },
  gone: { colour: '--chart-gone', fill: null, dash: DOTTED },
  latency: { colour: '--chart-latency', fill: '--chart-latency-fill', dash: WHOLE },
  latencyLow: { colour: '--chart-latency', fill: null, dash: DOTTED },
  latencyHigh: { colour: '--chart-latency', fill: null, dash: DASHED },
  amount: { colour: '--chart-amount', fill: '--chart-amount-fill', dash: WHOLE },
  amountIn: { colour: '--chart-amount', fill: null, dash: DASHED },
} as const satisfies Record<string, ChartLook>

export type ChartLookName = keyof typeof CHART_LOOKS
