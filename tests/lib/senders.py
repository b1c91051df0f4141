#!/usr/bin/env python3
"""Senders of webhooks, as stubborn as a registry's: each event again until 2xx.

    senders.py URL SECRET REPOSITORY DIGEST PREFIX COUNT GO_FILE

Announces tags PREFIX-1 to PREFIX-COUNT of REPOSITORY, all DIGEST, four at a time,
each event with an id of its own.  Half of them at once; then it writes GO_FILE.half
and waits until GO_FILE exists: what comes after that meets whatever the test does
meanwhile.  Ends with status 0 when all are accepted, and says on standard output
how many answers were not 2xx and how many requests got none.
"""
import json, os, sys, threading, time, urllib.error, urllib.request, uuid

url, secret, repository, digest, prefix, count, go = sys.argv[1:8]
count = int(count)
lock = threading.Lock()
tally = {"refused": 0, "unanswered": 0}


def send(body):
    request = urllib.request.Request(url, body, {
        "Authorization": "Bearer " + secret,
        "Content-Type": "application/vnd.docker.distribution.events.v1+json"})
    try:
        with urllib.request.urlopen(request, timeout=5):
            return True
    except urllib.error.HTTPError as e:
        if e.code < 500:
            sys.exit("answer %d" % e.code)
        kind = "refused"
    except OSError:
        kind = "unanswered"
    with lock:
        tally[kind] += 1
    return False


def announce(numbers):
    for n in numbers:
        event = {"id": str(uuid.uuid4()), "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                 "action": "push", "target": {"mediaType": "application/vnd.oci.image.manifest.v1+json",
                                              "repository": repository, "digest": digest,
                                              "tag": "%s-%d" % (prefix, n)}}
        body = json.dumps({"events": [event]}).encode()
        while not send(body):
            time.sleep(0.1)


def run(numbers):
    threads = [threading.Thread(target=announce, args=(numbers[i::4],)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


run(list(range(1, count // 2 + 1)))
open(go + ".half", "w").close()
while not os.path.exists(go):
    time.sleep(0.02)
run(list(range(count // 2 + 1, count + 1)))
print("refused %(refused)d unanswered %(unanswered)d" % tally)
