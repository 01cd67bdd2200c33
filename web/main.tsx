import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { q, queryClient } from './api/queries.ts'
import { startTexts } from './i18n.ts'
import { router } from './shell/router.tsx'
import './ui/ui.css'
import './shell/shell.css'
import './ui/print.css'

// On a thin line every wait counts: who I am, the page's own script and its data are asked for while the texts are on their way.
void queryClient.prefetchQuery({ ...q.access.me.queryOptions(), staleTime: 60_000 })
const texts = startTexts()
void router.load()
await texts
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Suspense><RouterProvider router={router as never} /></Suspense>
    </QueryClientProvider>
  </StrictMode>,
)
