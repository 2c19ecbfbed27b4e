import { readFile } from 'node:fs/promises'
import type { Plugin } from 'vite'

const NOT_ASCII = /[\u0080-\uffff]/g
const HTTP_IMPORT = /\bimport\b([^;"'`]*?)\bfrom\s*["']node:http["'];?/g

/** Changes built code so that what runs it takes less memory. */
export function leanOutput(): Plugin {
  return {
    name: 'lean-output',
    enforce: 'pre',
    async load(id) {
      if (!id.endsWith('.json') || !id.includes('node_modules')) return null
      return { code: parsedAtRunTime(await readFile(id, 'utf8')), moduleType: 'js' }
    },
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type === 'chunk') output.code = escapeNonAscii(takeHttpDirectly(output.code))
      }
    },
  }
}

/**
 * Writes what is not ASCII as `\u` escapes: right within strings, templates, regular expressions and identifiers, which
 * is all that minified code has of it. V8 keeps the source of whatever it has loaded, and one character beyond Latin-1
 * makes it keep two bytes for each character of that file.
 */
export function escapeNonAscii(code: string): string {
  return code.replace(NOT_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * Takes node:http without importing it. An import reads each of its exports, one of which is `WebSocket`: Node loads its
 * own copy of undici for that, some 10 MB of memory that nothing here uses.
 */
export function takeHttpDirectly(code: string): string {
  return code.replace(HTTP_IMPORT, (_statement, imported: string) => {
    const named = /\{([^}]*)\}/.exec(imported)?.[1]?.replaceAll(/\bas\b/g, ':')
    const whole = imported
      .replace(/\{[^}]*\}/, '')
      .replace(/\*\s*as\b/, '')
      .replaceAll(',', '')
      .trim()
    const http = 'process.getBuiltinModule("node:http")'
    if (named === undefined) return `var ${whole}=${http};`
    return whole === '' ? `var{${named}}=${http};` : `var ${whole}=${http},{${named}}=${whole};`
  })
}

/**
 * A JSON file as a module that parses it. As an object literal, each of its values would be a node of the syntax tree
 * and then part of the compiled code: five times the memory.
 */
export function parsedAtRunTime(json: string): string {
  return `module.exports = JSON.parse(${JSON.stringify(JSON.stringify(JSON.parse(json)))})`
}
