"""From fixations to densities, references and the centre bias."""
