package invoice

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"praxis/domain/fault"
	"praxis/domain/money"
)

// maxReason is the longest reason kept, in characters.
const maxReason = 500

// checkReason returns the reason without surrounding blanks. Faults:
// "reason_required" with the given message, "malformed_text".
func checkReason(reason, required string) (string, error) {
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "":
		return "", fault.New(fault.Invalid, "reason_required", "%s", required)
	case !plain(reason, maxReason):
		return "", fault.New(fault.Invalid, "malformed_text", "A reason must be at most %d characters of plain text.", maxReason)
	}
	return reason, nil
}

// sameCurrency refuses amounts that are not in the group's currency (BIL-A25).
func sameCurrency(m money.Money, group money.Currency) error {
	if m.Currency != group || group == "" {
		return fault.New(fault.Rejected, "currency_mismatch", "Currency %s does not match account currency %s.", m.Currency, group)
	}
	return nil
}

// plain reports whether s is text of one line without control characters.
func plain(s string, limit int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= limit && strings.IndexFunc(s, unicode.IsControl) < 0
}

// codeLike reports whether s is 2 to limit capital letters and digits.
func codeLike(s string, limit int) bool {
	return len(s) >= 2 && len(s) <= limit && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// diagnosisLike reports whether s is written like an ICD-10 code: a category of
// three characters and up to four more after a dot.
func diagnosisLike(s string) bool {
	category, detail, dotted := strings.Cut(s, ".")
	return len(category) == 3 && codeLike(category, 3) && category[0] >= 'A' &&
		(!dotted || len(detail) >= 1 && codeLike("X"+detail, 5))
}

func all(list []string, ok func(string) bool) bool {
	for _, s := range list {
		if !ok(s) {
			return false
		}
	}
	return true
}

var errDateRequired = fault.New(fault.Invalid, "date_required", "Give the date on which this takes effect.")
