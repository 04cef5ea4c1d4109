import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { Page } from './parts/page.tsx'
import { PageLink } from './parts/page-link.tsx'
import { ProblemText } from './parts/problem-text.tsx'
import { Skeleton } from './parts/skeleton.tsx'
import { Shell } from './shell/shell.tsx'
import { t } from './texts/texts.ts'

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: ({ error }) => (
    <main>
      <ProblemText problem={error} />
    </main>
  ),
  pendingComponent: () => <Skeleton />,
})

/** Each screen is a separate chunk, loaded when first opened. */
const screens = {
  '/': lazyRouteComponent(() => import('./screens/now.tsx'), 'NowScreen'),
  '/merchants': lazyRouteComponent(() => import('./screens/merchants.tsx'), 'MerchantsScreen'),
  '/merchants/$agentId': lazyRouteComponent(() => import('./screens/merchant/merchant.tsx'), 'MerchantScreen'),
  '/merchants/$agentId/members/$userId': lazyRouteComponent(() => import('./screens/merchant/member.tsx'), 'MemberScreen'),
  '/brands': lazyRouteComponent(() => import('./screens/brands.tsx'), 'BrandsScreen'),
  '/members': lazyRouteComponent(() => import('./screens/members.tsx'), 'MembersScreen'),
  '/sellers': lazyRouteComponent(() => import('./screens/sellers.tsx'), 'SellersScreen'),
  '/sellers/$sellerId': lazyRouteComponent(() => import('./screens/seller/seller.tsx'), 'SellerScreen'),
  '/services': lazyRouteComponent(() => import('./screens/services.tsx'), 'ServicesScreen'),
  '/catalogue': lazyRouteComponent(() => import('./screens/catalogue.tsx'), 'CatalogueScreen'),
  '/catalogue/$gameId': lazyRouteComponent(() => import('./screens/game.tsx'), 'GameScreen'),
  '/signing-keys': lazyRouteComponent(() => import('./screens/signing-keys.tsx'), 'SigningKeysScreen'),
  '/audit': lazyRouteComponent(() => import('./screens/audit.tsx'), 'AuditScreen'),
  '/proposals': lazyRouteComponent(() => import('./screens/proposals.tsx'), 'ProposalsScreen'),
  '/operators': lazyRouteComponent(() => import('./screens/operators.tsx'), 'OperatorsScreen'),
  '/operators/$operatorId': lazyRouteComponent(() => import('./screens/operator/operator.tsx'), 'OperatorScreen'),
  '/account': lazyRouteComponent(() => import('./screens/account.tsx'), 'AccountScreen'),
  '/connect': lazyRouteComponent(() => import('./screens/connect.tsx'), 'ConnectScreen'),
  '/calls': lazyRouteComponent(() => import('./screens/calls.tsx'), 'CallsScreen'),
  '/calls/$requestId': lazyRouteComponent(() => import('./screens/call.tsx'), 'CallScreen'),
} as const

export const router = createRouter({
  routeTree: root.addChildren(
    Object.entries(screens).map(([path, component]) => createRoute({ getParentRoute: () => root, path, component })),
  ),
  basepath: '/console',
  scrollRestoration: true,
  // In the screen's place: navigation stays.
  defaultErrorComponent: ({ error }) => <ProblemText problem={error} />,
  // Filters are plain text in the URL.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (fields) => {
    const query = new URLSearchParams(fields as Record<string, string>).toString()
    return query === '' ? '' : `?${query}`
  },
})

function NotFound() {
  return (
    <Page title={t.notFound.title}>
      <p>
        {t.notFound.says} <PageLink to="/">{t.notFound.home}</PageLink>
      </p>
    </Page>
  )
}
