import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { strings } from '../../src/renderer/strings.js'

const RENDERER = path.resolve(import.meta.dirname, '../../src/renderer')
const NAME = /^[A-Za-z_$][\w$]*$/

test('every word of the catalogue is used', () => {
  const sources = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/^strings[./\\]/.test(file))
    .map((file) => readFileSync(path.join(RENDERER, file), 'utf8'))
  const used = sources.flatMap(usedPaths)
  const unused = leaves(strings).filter((leaf) => !used.some((one) => leaf === one || leaf.startsWith(`${one}.`)))
  expect(unused).toEqual([])
})

test('a word counts as used only where its own section is', () => {
  expect(usedPaths('const text = strings.apps\ntext.columns.name; strings.actions.edit')).toEqual([
    'apps.columns.name',
    'actions.edit',
  ])
  expect(usedPaths('const { kinds } = strings.form\nkinds[kind]')).toEqual(['form.kinds'])
})

/**
 * The paths into the catalogue that a source names, through the names that it gives to sections. What is looked up by a
 * value, as `text.kinds[kind]`, uses the whole section.
 */
function usedPaths(source: string): string[] {
  const aliases = new Map([['strings', '']])
  let declarations = source
  for (const [all, names = '', section = ''] of source.matchAll(
    /const ([\w$]+|\{[^}]*\}) = ((?:strings|text)[\w.]*)\n/g,
  )) {
    const [root = '', ...rest] = section.split('.')
    const base = join(aliases.get(root) ?? '', rest.join('.'))
    if (NAME.test(names)) aliases.set(names, base)
    else for (const name of names.slice(1, -1).split(',')) aliases.set(name.trim(), join(base, name.trim()))
    declarations = declarations.replace(all, '')
  }
  return [...declarations.matchAll(/(?<![\w$.'])([A-Za-z_$][\w$]*)((?:\??\.[A-Za-z_$][\w$]*)*)/g)].flatMap(
    ([, root = '', rest = '']) => {
      const base = aliases.get(root)
      const found = base === undefined ? '' : join(base, rest.replaceAll('?', '').slice(1))
      return found === '' ? [] : [found]
    },
  )
}

/** The paths of all words. */
function leaves(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [at]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, join(at, key)))
}

function join(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('.')
}
