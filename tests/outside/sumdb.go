// Checks a cosigned Glasshouse checkpoint, an inclusion proof and a consistency proof with Go's own sumdb packages,
// the code that guards Go's module downloads. It shares nothing with Glasshouse. Ends with 1 at the first thing that does not hold.
//
// usage: sumdb VKEY COSIGNER CHECKPOINT PROOF ENTRY OLD_CHECKPOINT CONSISTENCY
//
//	VKEY            file with the log's verification key
//	COSIGNER        file with a witness's verification key, of type 4 (c2sp.org/tlog-cosignature, Ed25519)
//	CHECKPOINT      file with the signed checkpoint, which the witness has cosigned
//	PROOF           file in the tlog-proof format (c2sp.org/tlog-proof)
//	ENTRY           file with the bytes of the entry that PROOF is about
//	OLD_CHECKPOINT  file with an earlier signed checkpoint
//	CONSISTENCY     file with one hexadecimal hash a line
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
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

// open checks the signature of each of the signers, who must all have signed, and returns origin, size and root.
func open(text string, signers ...note.Verifier) (string, int64, tlog.Hash) {
	opened, err := note.Open([]byte(text), note.VerifierList(signers...))
	if err != nil {
		log.Fatalf("note.Open: %v", err)
	}
	if len(opened.Sigs) != len(signers) {
		log.Fatalf("note.Open: %d of %d signers have signed", len(opened.Sigs), len(signers))
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	return lines[0], size, hash(base64.StdEncoding.DecodeString(lines[2]))
}

// cosigner is a witness's key as a note.Verifier, which the package has none of for this type: the signature is a time and
// an Ed25519 signature over that time and the note's text (c2sp.org/tlog-cosignature, cosignature/v1).
type cosigner struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func newCosigner(vkey string) cosigner {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		log.Fatalf("not a vkey: %q", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		log.Fatalf("not a cosigner's key: %q, %v", vkey, err)
	}
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	known := cosigner{parts[0], binary.BigEndian.Uint32(id[:4]), key[1:]}
	if fmt.Sprintf("%08x", known.id) != parts[1] {
		log.Fatalf("the key's id is %08x, not %s", known.id, parts[1])
	}
	return known
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.id }

func (c cosigner) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), text)
	return ed25519.Verify(c.key, []byte(message), sig[8:])
}

func hash(data []byte, err error) tlog.Hash {
	if err != nil || len(data) != sha256.Size {
		log.Fatalf("not a hash: %x, %v", data, err)
	}
	var h tlog.Hash
	copy(h[:], data)
	return h
}

// proved reads a proof in the tlog-proof format: the index, the path, and the checkpoint below it.
func proved(proof string) (int64, tlog.RecordProof, string) {
	head, carried, _ := strings.Cut(proof, "\n\n")
	lines := strings.Split(head, "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		log.Fatalf("not a tlog-proof: %q", head)
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	var path tlog.RecordProof
	for _, line := range lines[2:] {
		path = append(path, hash(base64.StdEncoding.DecodeString(line)))
	}
	return index, path, carried
}

func main() {
	if len(os.Args) != 8 {
		log.Fatal("usage: sumdb VKEY COSIGNER CHECKPOINT PROOF ENTRY OLD_CHECKPOINT CONSISTENCY")
	}
	signer, err := note.NewVerifier(strings.TrimSpace(read(os.Args[1])))
	if err != nil {
		log.Fatalf("note.NewVerifier: %v", err)
	}
	witness := newCosigner(strings.TrimSpace(read(os.Args[2])))
	origin, size, root := open(read(os.Args[3]), signer, witness)
	fmt.Printf("checkpoint: %s, size %d, cosigned by %s\n", origin, size, witness.name)

	index, path, carried := proved(read(os.Args[4]))
	_, proofSize, proofRoot := open(carried, signer)
	leaf := tlog.RecordHash([]byte(read(os.Args[5])))
	if err := tlog.CheckRecord(path, proofSize, proofRoot, index, leaf); err != nil {
		log.Fatalf("tlog.CheckRecord: %v", err)
	}
	fmt.Printf("inclusion: entry %d in size %d\n", index, proofSize)

	_, oldSize, oldRoot := open(read(os.Args[6]), signer)
	var steps tlog.TreeProof
	for _, line := range strings.Fields(read(os.Args[7])) {
		steps = append(steps, hash(hex.DecodeString(line)))
	}
	if err := tlog.CheckTree(steps, size, root, oldSize, oldRoot); err != nil {
		log.Fatalf("tlog.CheckTree: %v", err)
	}
	fmt.Printf("consistency: %d to %d\n", oldSize, size)
}
