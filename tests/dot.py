"""Read a graph in the language of graphviz, as strictly as that needs, and list its edges.

    dot.py < GRAPH      a line "LABEL -> LABEL" an edge, by the first lines of the labels
"""
import re
import sys

TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\\n]|\\.)*")|(?P<word>[A-Za-z_0-9.]+)|(?P<mark>->|[{}\[\]=;,]))')


def tokens(text):
    at = 0
    while at < len(text.rstrip()):
        found = TOKEN.match(text, at)
        if not found:
            sys.exit('no token at: %r' % text[at:at + 40])
        at = found.end()
        yield found.group('text') or found.group('word') or found.group('mark')


class Reader:
    def __init__(self, text):
        self.all = list(tokens(text))
        self.at = 0
        self.labels, self.edges = {}, []

    def take(self, *wanted):
        token = self.all[self.at] if self.at < len(self.all) else None
        if token is None or (wanted and token not in wanted):
            sys.exit('%r where one of %r belongs' % (token, wanted))
        self.at += 1
        return token

    def word(self):
        token = self.take()
        if not re.fullmatch(r'[A-Za-z_][A-Za-z_0-9]*', token):
            sys.exit('%r is no name' % token)
        return token

    def attributes(self):
        found = {}
        if self.all[self.at] != '[':
            return found
        self.take('[')
        while True:
            name = self.word()
            self.take('=')
            found[name] = self.take()
            if self.take(',', ']') == ']':
                return found

    def block(self):
        self.take('{')
        while self.all[self.at] != '}':
            name = self.word()
            if name == 'subgraph':
                self.word()
                self.block()
                continue
            if self.all[self.at] == '=':
                self.take('=')
                self.take()
            elif self.all[self.at] == '->':
                self.take('->')
                self.edges.append((name, self.word()))
                self.attributes()
            else:
                self.labels[name] = self.attributes().get('label')
            self.take(';')
        self.take('}')


reader = Reader(sys.stdin.read())
reader.take('digraph')
reader.word()
reader.block()
if reader.at != len(reader.all):
    sys.exit('more behind the graph')
for left, right in reader.edges:
    print('%s -> %s' % tuple(reader.labels[name][1:-1].split('\\n')[0] for name in (left, right)))
