import { useState } from 'react'
import { strings } from '../../strings.js'
import { PhonesDialog } from './phones-dialog.js'

/** Opens the page for phones, and tells of it as long as its dialog is there. */
export function PhonesButton() {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" className="button small" onClick={() => setOpen(true)}>
        {strings.phones.button}
      </button>
      {open && <PhonesDialog onClose={() => setOpen(false)} />}
    </>
  )
}
