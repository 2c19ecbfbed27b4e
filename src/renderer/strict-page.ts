import { z } from 'zod'

// The page's content security policy forbids to make code from text; zod would try, and each try is reported.
z.config({ jitless: true })
