import { dialog } from 'electron'

/** Asks whether to quit although processes of apps end with Portico. */
export async function askToQuit(running: readonly string[]): Promise<boolean> {
  const { response } = await dialog.showMessageBox({ type: 'question', ...quitQuestion(running) })
  return response === QUIT
}

const QUIT = 0
const LISTED = 5

/** The words of the question. @param running names of the apps, one at least */
export function quitQuestion(running: readonly string[]) {
  const more = running.length > LISTED ? ` and ${running.length - LISTED} more` : ''
  const names = `${running.slice(0, LISTED).join(', ')}${more}`
  return {
    message: 'Quit Portico?',
    detail: `${names} ${running.length === 1 ? 'runs under Portico and ends' : 'run under Portico and end'} with it.`,
    buttons: ['Quit', 'Cancel'],
    defaultId: QUIT,
    cancelId: 1,
  }
}
