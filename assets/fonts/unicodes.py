"""Prints the characters of the font of cards: GB 2312, Latin with its accents, punctuation, full-width forms."""

chars = set(range(0x20, 0x7F))
for row in range(0xA1, 0xF8):
    for cell in range(0xA1, 0xFF):
        try:
            chars.add(ord(bytes([row, cell]).decode("gb2312")))
        except UnicodeDecodeError:
            pass
for first, last in [(0xA0, 0x17F), (0x2010, 0x2027), (0x2030, 0x205E), (0x3000, 0x303F), (0xFF01, 0xFF5E)]:
    chars.update(range(first, last + 1))
print("\n".join(f"{char:04X}" for char in sorted(chars)))
