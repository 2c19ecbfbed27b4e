import { z } from 'zod'

/** What manifests list, read as leniently as the tools they belong to: what is not understood lists nothing. */

const names = z.record(z.string(), z.unknown()).catch({})
const packageJsonSchema = z.object({
  name: z.string().nullable().catch(null),
  dependencies: names,
  devDependencies: names,
})
const composerJsonSchema = z.object({ require: names, 'require-dev': names })

/** Name and dependencies of a package.json; null when it is none. */
export function readPackageJson(text: string): { name: string | null; packages: string[] } | null {
  const parsed = packageJsonSchema.safeParse(json(text))
  if (!parsed.success) return null
  const { name, dependencies, devDependencies } = parsed.data
  return { name, packages: [...Object.keys(dependencies), ...Object.keys(devDependencies)] }
}

/** The packages of a manifest, by the name of its file. */
export function packagesIn(file: string, text: string): string[] {
  if (file === 'package.json') return readPackageJson(text)?.packages ?? []
  if (file === 'composer.json') {
    const parsed = composerJsonSchema.safeParse(json(text))
    return parsed.success ? [...Object.keys(parsed.data.require), ...Object.keys(parsed.data['require-dev'])] : []
  }
  if (file === 'Gemfile') return [...text.matchAll(/^\s*gem\s+['"]([^'"]+)['"]/gm)].map(([, name = '']) => name)
  if (file === 'requirements.txt')
    return [...text.matchAll(/^\s*([\w.-]+)/gm)].map(([, name = '']) => name.toLowerCase())
  return pyprojectPackages(text)
}

/** `"flask>=3"` in an array (PEP 621), or `flask = "^3"` in a table (Poetry). */
function pyprojectPackages(text: string): string[] {
  const listed = [...text.matchAll(/["']([\w.-]+)(?:\[[^\]]*\])?\s*(?:[<>=!~;@ ][^"']*)?["']/g)]
  const keyed = [...text.matchAll(/^([\w.-]+)\s*=\s*["'{]/gm)]
  return [...listed, ...keyed].map(([, name = '']) => name.toLowerCase())
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // somebody may be writing it this moment
  }
}
