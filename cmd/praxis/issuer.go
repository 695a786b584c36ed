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
	return newIssuerOf(c, people)
}

// newIssuerOf makes the development issuer with other people.
func newIssuerOf(c config.Config, people []devissuer.Person) (*devissuer.Issuer, error) {
	name, err := os.ReadFile(filepath.Join(c.DataDir, issuerFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the development issuer's name: %w", err)
	}
	return devissuer.New(devissuer.Config{
		Issuer: strings.TrimSpace(string(name)), URL: issuerURL(c), KeyFile: keyFile(c),
		People: people, Audience: c.OIDCAudience, APIURL: c.BaseURL(), Clock: now,
	})
}

// keyFile is where the development issuer keeps its key.
func keyFile(c config.Config) string { return filepath.Join(c.DataDir, "dev-issuer.pem") }

// keepIssuerName writes down what the issuer is called, where nothing is yet.
func keepIssuerName(c config.Config) error {
	if err := devissuer.CreateOnce(filepath.Join(c.DataDir, issuerFile), []byte(issuerURL(c)+"\n")); err != nil {
		return fmt.Errorf("the development issuer's name: %w", err)
	}
	return nil
}

// issuerURL is the base URL of the development issuer.
func issuerURL(c config.Config) string { return strings.TrimSuffix(c.BaseURL(), "/") + "/dev" }
