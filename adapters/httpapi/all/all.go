// Package all lists the areas of the API.
package all

import (
	"praxis/adapters/httpapi"
	"praxis/adapters/httpapi/billing"
	"praxis/adapters/httpapi/booking"
	"praxis/adapters/httpapi/charts"
	"praxis/adapters/httpapi/groups"
	"praxis/adapters/httpapi/households"
	"praxis/adapters/httpapi/ledger"
	"praxis/adapters/httpapi/members"
	"praxis/adapters/httpapi/permissions"
	"praxis/adapters/httpapi/portal"
	"praxis/adapters/httpapi/subscription"
)

// Areas are the handlers of every area, by the operation of the document.
func Areas() []httpapi.Handlers {
	return []httpapi.Handlers{
		groups.Handlers(), members.Handlers(), permissions.Handlers(), subscription.Handlers(),
		charts.Handlers(), billing.Handlers(), booking.Handlers(), booking.PortalHandlers(), ledger.Handlers(), portal.Handlers(),
		households.Handlers(),
	}
}
