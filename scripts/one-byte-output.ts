import type { Plugin } from 'vite'

const NOT_ASCII = /[\u0080-\uffff]/g

/**
 * Writes what is not ASCII in built code as `\u` escapes. V8 keeps the source of whatever it has loaded, and one
 * character beyond Latin-1 makes it keep two bytes for each character of that file.
 */
export function oneByteOutput(): Plugin {
  return {
    name: 'one-byte-output',
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type === 'chunk') output.code = escapeNonAscii(output.code)
      }
    },
  }
}

/** Right within strings, templates, regular expressions and identifiers, which is all that minified code has of it. */
export function escapeNonAscii(code: string): string {
  return code.replace(NOT_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
