import { writeAtomically } from '../../../../src/main/engine/config/atomic-file.js'

/** A child process whose file size is limited: tries one write that is too large and prints what it was told. */
const file = process.argv[2]
if (file !== undefined) {
  const outcome = await writeAtomically(file, 'x'.repeat(1_000_000), { backup: true }).catch((error: unknown) => error)
  process.stdout.write(JSON.stringify(outcome))
}
