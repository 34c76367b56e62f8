"""Where a document says less than it could, and what observed responses would let it say."""
