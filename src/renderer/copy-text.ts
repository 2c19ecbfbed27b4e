/** Puts a text on the clipboard, also where the page may not use the clipboard interface (plain HTTP on a LAN). */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    copyBySelection(text)
  }
}

function copyBySelection(text: string): void {
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'hidden-text'
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}
