import { Fault } from '../../../shared/fault.js'
import { type AllowRule, parseAllowRule } from '../tunnel/agent/allow-rules.js'

/** What a person allows. */
export interface Allowance {
  /** as written, without empty lines and repetitions */
  written: string[]
  rules: AllowRule[]
}

/** @param lines one rule each; empty ones count for nothing @throws Fault `usage` that names the line */
export function readAllow(lines: readonly string[]): Allowance {
  const known = new Map<string, AllowRule>()
  for (const [at, line] of lines.entries()) {
    const text = line.trim()
    if (text !== '') known.set(text, ruleOf(text, at + 1))
  }
  return { written: [...known.keys()], rules: [...known.values()] }
}

function ruleOf(text: string, line: number): AllowRule {
  try {
    return parseAllowRule(text)
  } catch (thrown) {
    const { code, message, hint } = Fault.of(thrown)
    throw new Fault(code, `Line ${line}: ${message}`, hint)
  }
}
