package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"praxis/domain/group"
)

func TestInvoicePrefix(t *testing.T) {
	choose := group.ChooseInvoicePrefix{Member: uma, Prefix: "KM"}
	chosen := group.InvoicePrefixChosen{Member: uma, Prefix: "KM"}

	t.Run("BIL-A22 a prefix is chosen once", func(t *testing.T) {
		given(t, staffed()...).When(choose, now).Then(chosen)
		given(t, staffed(chosen)...).When(choose, now).Then()
		given(t, staffed(chosen)...).When(group.ChooseInvoicePrefix{Member: uma}, now).Then()
		f := given(t, staffed(chosen)...).When(group.ChooseInvoicePrefix{Member: uma, Prefix: "KX"}, now).ThenRejected("invoice_prefix_settled")
		require.Equal(t, "The numbers of this clinician's invoices begin with KM. That is chosen once.", f.Message)
	})
	t.Run("BIL-A22 no two clinicians of a practice have one prefix", func(t *testing.T) {
		f := given(t, staffed(chosen)...).When(group.ChooseInvoicePrefix{Member: ugo, Prefix: "KM"}, now).ThenRejected("invoice_prefix_taken")
		require.Equal(t, uma.String(), f.Details["member"])
	})
	t.Run("BIL-A22 the default follows from the order of joining", func(t *testing.T) {
		given(t, staffed()...).When(group.ChooseInvoicePrefix{Member: oona}, now).Then(group.InvoicePrefixChosen{Member: oona, Prefix: "C1"})
		prefixes := map[string]bool{}
		s := group.Aggregate().Fold(staffed()...)
		for _, m := range s.Members() {
			prefix, settled, err := s.InvoicePrefix(m.ID)
			require.NoError(t, err)
			require.False(t, settled)
			prefixes[prefix] = true
		}
		require.Len(t, prefixes, len(s.Members()), "nobody shares a default")
	})
	for _, malformed := range []string{"km", "K M", "1K", "KMKMKMK", "INV", "C7", "Ä"} {
		t.Run("refuses "+malformed, func(t *testing.T) {
			given(t, staffed()...).When(group.ChooseInvoicePrefix{Member: uma, Prefix: malformed}, now).ThenRejected("malformed_invoice_prefix")
		})
	}
	t.Run("of somebody unknown there is none", func(t *testing.T) {
		given(t, staffed()...).When(group.ChooseInvoicePrefix{Member: nobody, Prefix: "KM"}, now).ThenRejected("member_not_found")
	})
}
