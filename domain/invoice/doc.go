// Package invoice holds the rules of patient billing. Its first aggregate is the
// ledger of one patient with one clinician: charges, invoices, payments and
// what of them was applied to what, in one stream, because nothing about money
// is ever decided across clinicians (BIL-17 to BIL-19) and so every invariant
// holds in one append. Its second is the series of invoice numbers of one
// clinician, free of gaps (BIL-A22).
//
// Nothing is changed or deleted: a correction is a new event that names what it
// corrects, with the civil date on which it takes effect; when it was recorded
// and by whom is in the envelope. Balances and statuses are always derived.
//
// It imports the standard library and the kernel: civil, es, fault, id and money.
package invoice
