import { shellQuote } from '../../shared/shell-quote.js'

export const SHELLS = ['sh', 'fish', 'powershell', 'cmd'] as const
export type Shell = (typeof SHELLS)[number]

/** The line that sets a variable for a shell and all that it starts. */
export function exportLine(shell: Shell, name: string, value: string): string {
  switch (shell) {
    case 'sh':
      return `export ${name}=${shellQuote(value)}`
    case 'fish':
      return `set -gx ${name} '${value.replace(/[\\']/g, '\\$&')}'`
    case 'powershell':
      return `$env:${name} = '${value.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`
    case 'cmd':
      return `set "${name}=${value}"`
  }
}
