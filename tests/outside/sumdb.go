// Checks a Glasshouse checkpoint, an inclusion proof and a consistency proof with Go's own sumdb packages,
// the code that guards Go's module downloads. It shares nothing with Glasshouse.
//
// usage: sumdb VKEY CHECKPOINT PROOF ENTRY OLD_CHECKPOINT CONSISTENCY
//
//	VKEY            file with the log's verification key
//	CHECKPOINT      file with the signed checkpoint (not read when PROOF carries its own)
//	PROOF           file in the tlog-proof format (c2sp.org/tlog-proof)
//	ENTRY           file with the bytes of the entry that PROOF is about
//	OLD_CHECKPOINT  file with an earlier signed checkpoint
//	CONSISTENCY     file with one hexadecimal hash a line
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func read(name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		log.Fatal(err)
	}
	return string(data)
}

// open checks the log's signature and returns origin, size and root.
func open(text string, verifiers note.Verifiers) (string, int64, tlog.Hash) {
	opened, err := note.Open([]byte(text), verifiers)
	if err != nil {
		log.Fatalf("note.Open: %v", err)
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	return lines[0], size, hash(base64.StdEncoding.DecodeString(lines[2]))
}

func hash(data []byte, err error) tlog.Hash {
	if err != nil || len(data) != sha256.Size {
		log.Fatalf("not a hash: %x, %v", data, err)
	}
	var h tlog.Hash
	copy(h[:], data)
	return h
}

func main() {
	if len(os.Args) != 7 {
		log.Fatal("usage: sumdb VKEY CHECKPOINT PROOF ENTRY OLD_CHECKPOINT CONSISTENCY")
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(read(os.Args[1])))
	if err != nil {
		log.Fatalf("note.NewVerifier: %v", err)
	}
	known := note.VerifierList(verifier)
	origin, size, root := open(read(os.Args[2]), known)
	fmt.Printf("checkpoint: %s, size %d\n", origin, size)

	proof := read(os.Args[3])
	head, carried, _ := strings.Cut(proof, "\n\n")
	lines := strings.Split(head, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		log.Fatalf("not a tlog-proof: %q", lines[:2])
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	var path tlog.RecordProof
	for _, line := range lines[2:] {
		path = append(path, hash(base64.StdEncoding.DecodeString(line)))
	}
	_, proofSize, proofRoot := open(carried, known)
	leaf := tlog.RecordHash([]byte(read(os.Args[4])))
	if err := tlog.CheckRecord(path, proofSize, proofRoot, index, leaf); err != nil {
		log.Fatalf("tlog.CheckRecord: %v", err)
	}
	path[0][0] ^= 1
	if err := tlog.CheckRecord(path, proofSize, proofRoot, index, leaf); err == nil {
		log.Fatal("tlog.CheckRecord accepted a changed proof: this check is worth nothing")
	}
	fmt.Printf("inclusion: entry %d in size %d\n", index, proofSize)

	_, oldSize, oldRoot := open(read(os.Args[5]), known)
	var steps tlog.TreeProof
	for _, line := range strings.Fields(read(os.Args[6])) {
		steps = append(steps, hash(hex.DecodeString(line)))
	}
	if err := tlog.CheckTree(steps, size, root, oldSize, oldRoot); err != nil {
		log.Fatalf("tlog.CheckTree: %v", err)
	}
	fmt.Printf("consistency: %d to %d\n", oldSize, size)
}
