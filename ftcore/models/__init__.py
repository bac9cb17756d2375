"""What a network is without a framework, and how it is read from and written to a Hugging Face folder."""
