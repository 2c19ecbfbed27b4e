import path from 'node:path'
import { exists, findProgram, type Machine, mayWrite, namesIn, realFile } from './machine.js'

/** A keystore that Java programs trust, and a keytool that can change it. */
export interface JavaPlace {
  /** the keystore itself, behind links */
  keystore: string
  keytool: string
  /** of the first Java that has it */
  javaHome: string
  /** whether only an administrator may change it */
  elevated: boolean
}

/** Every keystore of the Java installations of this machine, each once. */
export async function javaPlaces(machine: Machine): Promise<JavaPlace[]> {
  const places = new Map<string, JavaPlace>()
  for (const javaHome of await javaHomes(machine)) {
    for (const folder of ['lib/security', 'jre/lib/security']) {
      const file = path.join(javaHome, folder, 'cacerts')
      if (!(await exists(machine, file))) continue
      const keytool = await keytoolOf(machine, javaHome)
      const keystore = await realFile(machine, file)
      if (keytool === null || places.has(keystore)) continue
      places.set(keystore, { keystore, keytool, javaHome, elevated: !(await mayWrite(machine, keystore)) })
    }
  }
  return [...places.values()]
}

async function keytoolOf(machine: Machine, javaHome: string): Promise<string | null> {
  const name = machine.platform === 'win32' ? 'keytool.exe' : 'keytool'
  for (const folder of ['bin', 'jre/bin']) {
    const file = path.join(javaHome, folder, name)
    if (await exists(machine, file)) return file
  }
  return null
}

/** Those of the system before those of the person, so that what is run elevated is an administrator's own. */
async function javaHomes(machine: Machine): Promise<string[]> {
  const { platform, env, home } = machine
  const inside = async (folder: string, rest = '') =>
    (await namesIn(machine, folder)).map((name) => path.join(folder, name, rest))
  const installed =
    platform === 'darwin'
      ? await inside('/Library/Java/JavaVirtualMachines', 'Contents/Home')
      : platform === 'win32'
        ? (await Promise.all(windowsFolders(env).map((folder) => inside(folder)))).flat()
        : await inside('/usr/lib/jvm')
  const own = [...(await inside(`${home}/.sdkman/candidates/java`)), ...(await inside(`${home}/.jdks`))]
  const named = env.JAVA_HOME === undefined || env.JAVA_HOME === '' ? [] : [env.JAVA_HOME]
  return [...installed, ...(await homeOfJava(machine)), ...named, ...own]
}

function windowsFolders(env: NodeJS.ProcessEnv): string[] {
  const roots = [env.ProgramFiles, env['ProgramFiles(x86)']].filter((folder) => folder !== undefined)
  const vendors = ['Java', 'Eclipse Adoptium', 'Microsoft', 'Zulu', 'Amazon Corretto', 'BellSoft']
  return roots.flatMap((root) => vendors.map((vendor) => path.join(root, vendor)))
}

/** Asks the `java` of PATH where it is installed. */
async function homeOfJava(machine: Machine): Promise<string[]> {
  const java = await findProgram(machine, machine.platform === 'win32' ? 'java.exe' : 'java')
  // macOS has a java of its own that asks to install one.
  if (java === null || (java === '/usr/bin/java' && machine.platform === 'darwin')) return []
  const { stdout, stderr } = await machine.run(java, ['-XshowSettings:properties', '-version'], { timeoutMs: 10_000 })
  const home = readJavaHome(stderr + stdout)
  return home === null ? [] : [home]
}

/** `java.home` in what `java -XshowSettings:properties` prints. */
export function readJavaHome(settings: string): string | null {
  return /^\s*java\.home = (.+?)\s*$/m.exec(settings)?.[1] ?? null
}
