"""What a model is worth: protocols, predictions, figures with intervals."""
