package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"praxis/adapters/config"
	"praxis/adapters/devissuer"
	"praxis/cmd/praxis/demo"
)

// issuerFile keeps, in the data directory, what the development issuer is called.
// Accounts are derived from that name, so a person who signs in keeps their
// account whatever address a later server has.
const issuerFile = "dev-issuer.name"

// newIssuer makes the development issuer with the demo's people. It has the name
// that a server kept in the data directory, or else that of its address.
func newIssuer(c config.Config) (*devissuer.Issuer, error) {
	var people []devissuer.Person
	for _, p := range demo.People() {
		people = append(people, devissuer.Person{Subject: p.Subject, Name: p.Name, Email: p.Email, Description: p.Description})
	}
	name, err := os.ReadFile(filepath.Join(c.DataDir, issuerFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the development issuer's name: %w", err)
	}
	return devissuer.New(devissuer.Config{
		Issuer: strings.TrimSpace(string(name)), URL: issuerURL(c), KeyFile: filepath.Join(c.DataDir, "dev-issuer.pem"),
		People: people, Audience: c.OIDCAudience, APIURL: c.BaseURL(), Clock: now,
	})
}

// keepIssuerName writes down what the issuer is called, where nothing is yet. The
// name appears whole, and never replaces another.
func keepIssuerName(c config.Config) (err error) {
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	file, err := os.CreateTemp(c.DataDir, issuerFile+".*")
	if err != nil {
		return fmt.Errorf("the development issuer's name: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	_, err = fmt.Fprintln(file, issuerURL(c))
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("the development issuer's name: %w", err)
	}
	if err := os.Link(file.Name(), filepath.Join(c.DataDir, issuerFile)); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("the development issuer's name: %w", err)
	}
	return nil
}

// issuerURL is the base URL of the development issuer.
func issuerURL(c config.Config) string { return strings.TrimSuffix(c.BaseURL(), "/") + "/dev" }
